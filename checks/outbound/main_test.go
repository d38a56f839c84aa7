package outbound

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"testing"
)

// The test program itself is what speaks, in a process of its own: as its first word says.
func TestMain(m *testing.M) {
	if len(os.Args) < 3 {
		os.Exit(m.Run())
	}
	switch os.Args[1] {
	case "speak": // to HOST:PORT, until standard input ends
		conn, err := net.Dial("tcp", os.Args[2])
		if err != nil {
			panic(err)
		}
		fmt.Println("speaks")
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = conn.Close()
	case "sample": // what speaks to PORT, on each line of standard input
		port, _ := strconv.ParseUint(os.Args[2], 10, 16)
		s := At(uint16(port))
		fmt.Println("ready")
		for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
			seen, err := s.Sample(context.Background())
			if err != nil {
				panic(err)
			}
			_ = json.NewEncoder(os.Stdout).Encode(seen)
		}
	case "apart": // in a network of its own
		speakApart()
	default:
		os.Exit(m.Run())
	}
}

package identity

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// greetingLimit bounds the wait for a greeting. Some servers let an unknown client wait before they speak.
const greetingLimit = 15 * time.Second

// Greeting asks an SMTP server (HOST:PORT) how it calls itself: the first word of its 220 line is its name (RFC 5321 section 4.2). As a
// rule it says the same in HELO. Nothing is said to the server but QUIT.
func Greeting(ctx context.Context, address string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, greetingLimit)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return "", fmt.Errorf("nobody greets at %s: %w", address, err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	line, err := bufio.NewReader(io.LimitReader(conn, 512)).ReadString('\n') // RFC 5321 section 4.5.3.1.5: the longest reply line
	if err != nil {
		return "", fmt.Errorf("no greeting comes from %s: %w", address, err)
	}
	_, _ = io.WriteString(conn, "QUIT\r\n")
	rest, ok := strings.CutPrefix(line, "220")
	name, _, _ := strings.Cut(strings.TrimLeft(rest, " -"), " ")
	name = strings.TrimSpace(name)
	if !ok || name == "" {
		return "", fmt.Errorf("%s does not greet as a mail server", address)
	}
	return name, nil
}

package traffic

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// maxLine bounds a line, in bytes; the lines that are looked for are short, the rest of a longer one is passed by.
const maxLine = 64 << 10

// everyLines is how many lines are read between two looks at the context.
const everyLines = 4096

// extent is how many bytes of a text were read, and how many of them are zero: what a crash leaves where lines were.
type extent struct{ bytes, zeros int64 }

func (e extent) plus(line []byte, wide binary.ByteOrder) extent {
	e.bytes += int64(len(line))
	if wide == nil {
		e.zeros += int64(bytes.Count(line, []byte{0}))
	}
	return e
}

// readLines gives the complete lines of a text to each, without their ends, and returns their extent. With last the text goes
// on no more, and what stands behind the last line end is a line, too. A line is good until each returns.
func readLines(ctx context.Context, text io.Reader, wide binary.ByteOrder, last bool, each func([]byte)) (read extent, err error) {
	r := bufio.NewReaderSize(text, maxLine)
	next := r.ReadSlice
	if wide != nil {
		next = func(byte) ([]byte, error) { return readWide(r, wide) }
	}
	var pending extent // of a line that is too long, so far
	for n := 0; ; n++ {
		if n%everyLines == 0 && ctx.Err() != nil {
			return read, ctx.Err()
		}
		line, err := next('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if pending.bytes == 0 {
				each(narrow(line, wide))
			}
			pending = pending.plus(line, wide)
			continue
		case err != nil && !errors.Is(err, io.EOF):
			return read, err
		case err != nil && !last:
			return read, nil
		case pending.bytes == 0 && len(line) > 0:
			each(bytes.TrimRight(narrow(line, wide), "\r\n"))
		}
		pending = pending.plus(line, wide)
		read.bytes, read.zeros, pending = read.bytes+pending.bytes, read.zeros+pending.zeros, extent{}
		if err != nil {
			return read, nil
		}
	}
}

// readWide is ReadSlice for UTF-16: up to the next line feed, as far as the reader's buffer goes.
func readWide(r *bufio.Reader, order binary.ByteOrder) ([]byte, error) {
	for seen := 0; ; {
		buffered, err := r.Peek(max(r.Buffered(), seen+2))
		for ; seen+2 <= len(buffered); seen += 2 {
			if order.Uint16(buffered[seen:]) == '\n' {
				seen += 2
				_, _ = r.Discard(seen)
				return buffered[:seen], nil
			}
		}
		if err != nil { // the end, or the buffer is full
			_, _ = r.Discard(len(buffered))
			return buffered, err
		}
	}
}

// narrow is a line in UTF-8.
func narrow(line []byte, wide binary.ByteOrder) []byte {
	if wide == nil {
		return line
	}
	units := make([]uint16, len(line)/2)
	for i := range units {
		units[i] = wide.Uint16(line[2*i:])
	}
	text := make([]byte, 0, len(units))
	for _, r := range utf16.Decode(units) {
		text = utf8.AppendRune(text, r)
	}
	return text
}

// wideOrder says whether a text that begins like this is UTF-16, and in which order its bytes are; nil where it is not.
func wideOrder(begin []byte) binary.ByteOrder {
	switch {
	case len(begin) < 4:
		return nil
	case begin[0] == 0xff && begin[1] == 0xfe, begin[0] != 0 && begin[1] == 0 && begin[2] != 0 && begin[3] == 0:
		return binary.LittleEndian
	case begin[0] == 0xfe && begin[1] == 0xff, begin[0] == 0 && begin[1] != 0 && begin[2] == 0 && begin[3] != 0:
		return binary.BigEndian
	}
	return nil
}

package plain

import (
	"bufio"
	"context"
	"io"
	"strings"

	"delist/spool/message"
)

// maxLine bounds one line of an answer, in bytes; a pasted header line is far shorter.
const maxLine = 1 << 20

// input reads a line when one is wanted, and not before: what is not asked for stays in the reader.
type input struct {
	want    chan struct{}
	got     chan answer
	waiting bool // a line is wanted and has not come
}

type answer struct {
	text string
	err  error
}

func readLines(r io.Reader) *input {
	in := &input{want: make(chan struct{}), got: make(chan answer, 1)}
	go func() {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxLine)
		for range in.want {
			if lines.Scan() {
				in.got <- answer{text: strings.TrimSpace(lines.Text())}
				continue
			}
			err := lines.Err()
			if err == nil {
				err = io.EOF
			}
			in.got <- answer{err: err}
		}
	}()
	return in
}

// next gives a channel on which the next line comes.
func (in *input) next() <-chan answer {
	if !in.waiting {
		in.waiting = true
		in.want <- struct{}{}
	}
	return in.got
}

// close lets the reader end.
func (in *input) close() { close(in.want) }

// ask writes a question and waits for one line.
func (s *Session) ask(ctx context.Context, question string) (string, error) {
	s.write(question)
	select {
	case a := <-s.in.next():
		s.in.waiting = false
		return s.took(a)
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// command waits for the answer to the menu, and tells what happens meanwhile.
func (s *Session) command(ctx context.Context) (string, error) {
	s.write(prompt)
	for {
		select {
		case a := <-s.in.next():
			s.in.waiting = false
			return s.took(a)
		case <-ctx.Done():
			return "", ctx.Err()
		case <-s.news.poke:
			s.interrupt()
		}
	}
}

const prompt = "> "

// interrupt tells news while the operator is asked, and asks again.
func (s *Session) interrupt() {
	before := s.last
	if lines := s.news.take(); len(lines) > 0 {
		s.write("\n")
		for _, line := range lines {
			s.tell(line)
		}
	}
	state := s.rb.State()
	if !s.menu.told && s.menu.changed(&state, s.step, s.other) {
		if before == s.last {
			s.write("\n")
		}
		s.line("What can be done has changed; type ? to see it.")
		s.menu.told = true
	}
	if before != s.last {
		s.write(prompt)
	}
}

// took takes an answer, and ends the line of its question where no key has done it.
func (s *Session) took(a answer) (string, error) {
	s.last = ""
	switch {
	case a.err != nil:
		s.write("\n")
	case s.opts.Echo:
		s.write(message.Printable(a.text) + "\n")
	}
	return a.text, a.err
}

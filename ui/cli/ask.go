package cli

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// asker puts questions to the operator, a line each, before the screens start and in commands that change something.
// Nobody to answer is a no.
type asker struct {
	in  *bufio.Reader
	out io.Writer

	stop    <-chan struct{} // closed when delist is asked to end
	stopped bool            // at a question
}

func newAsker(in io.Reader, out io.Writer, stop <-chan struct{}) *asker {
	return &asker{in: bufio.NewReader(in), out: out, stop: stop}
}

// line asks for one line of text; ok is false when there is nobody to answer any more, or delist is asked to end.
func (a *asker) line(question string) (answer string, ok bool) {
	fmt.Fprint(a.out, question+" ")
	answers := make(chan string, 1)
	go func() { // nothing ends a read of a terminal: when delist is to end, it ends with the process
		defer close(answers)
		if text, err := a.in.ReadString('\n'); err == nil || text != "" {
			answers <- text
		}
	}()
	select {
	case answer, ok = <-answers:
	case <-a.stop:
		a.stopped = true
	}
	if !ok {
		fmt.Fprintln(a.out)
	}
	return strings.TrimSpace(answer), ok
}

// yes asks a question that anything but y answers with no.
func (a *asker) yes(question string) bool {
	answer, _ := a.line(question + " [y/N]")
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes"
}

// goOn asks a question that Enter answers with yes; nobody to answer is a no all the same.
func (a *asker) goOn(question string) bool {
	answer, ok := a.line(question + " [Y/n]")
	answer = strings.ToLower(answer)
	return ok && (answer == "" || answer == "y" || answer == "yes")
}

// typed asks for exactly this word.
func (a *asker) typed(question, word string) bool {
	answer, _ := a.line(fmt.Sprintf("%s Type %q to go on:", question, word))
	return answer == word
}

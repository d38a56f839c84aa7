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
}

func newAsker(in io.Reader, out io.Writer) *asker { return &asker{bufio.NewReader(in), out} }

// line asks for one line of text; ok is false when there is nobody to answer any more.
func (a *asker) line(question string) (answer string, ok bool) {
	fmt.Fprint(a.out, question+" ")
	text, err := a.in.ReadString('\n')
	if err != nil && text == "" {
		fmt.Fprintln(a.out)
		return "", false
	}
	return strings.TrimSpace(text), true
}

// yes asks a question that anything but y answers with no.
func (a *asker) yes(question string) bool {
	answer, _ := a.line(question + " [y/N]")
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes"
}

// typed asks for exactly this word.
func (a *asker) typed(question, word string) bool {
	answer, _ := a.line(fmt.Sprintf("%s Type %q to go on:", question, word))
	return answer == word
}

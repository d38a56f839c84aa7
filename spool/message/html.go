package message

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// htmlText makes text of HTML: tags go, blocks become lines, a link is followed by where it leads, since that is what
// tells spam from mail. It works on tokens, so that no nesting can make it slow.
func htmlText(s string) string { return readHTML(s, false) }

// htmlWords is htmlText with the links behind the text: a link within a word does not split it for the reader.
func htmlWords(s string) string { return readHTML(s, true) }

func readHTML(s string, linksLast bool) string {
	var b, links strings.Builder
	tokens := html.NewTokenizer(strings.NewReader(s))
	var link string
	var hidden atom.Atom // inside script, style or title
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return strings.TrimSpace(b.String() + links.String())
		case html.TextToken:
			if hidden == 0 {
				writeWords(&b, string(tokens.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := tokens.Token()
			switch token.DataAtom {
			case atom.Script, atom.Style, atom.Title:
				hidden = token.DataAtom
			case atom.A:
				link = href(token)
				if linksLast && link != "" {
					links.WriteString("\n" + link)
					link = ""
				}
			default:
				lineBreak(&b, token.DataAtom)
			}
		case html.EndTagToken:
			token := tokens.Token()
			switch {
			case token.DataAtom == hidden:
				hidden = 0
			case token.DataAtom == atom.A && link != "":
				b.WriteString(" <" + link + ">")
				link = ""
			default:
				lineBreak(&b, token.DataAtom)
			}
		}
	}
}

// writeWords writes text with each run of blanks and line ends as one blank, as a browser shows it. A word may go on over
// a tag: "In<b>voice</b>" is one word.
func writeWords(b *strings.Builder, text string) {
	for _, r := range text {
		if !unicode.IsSpace(r) {
			b.WriteRune(r)
		} else if end := lastByte(b); end != 0 && end != '\n' && end != ' ' {
			b.WriteByte(' ')
		}
	}
}

func lineBreak(b *strings.Builder, tag atom.Atom) {
	switch tag {
	case atom.Td, atom.Th:
		writeWords(b, " ")
	case atom.Br, atom.P, atom.Div, atom.Tr, atom.Li, atom.Table, atom.Hr, atom.Blockquote,
		atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		if end := lastByte(b); end != 0 && end != '\n' {
			b.WriteByte('\n')
		}
	}
}

func lastByte(b *strings.Builder) byte {
	if s := b.String(); s != "" {
		return s[len(s)-1]
	}
	return 0
}

func href(token html.Token) string {
	for _, a := range token.Attr {
		if a.Key == "href" {
			return cut(strings.TrimSpace(a.Val))
		}
	}
	return ""
}

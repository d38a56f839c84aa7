package ui

// Glyphs are the signs that stand for a state or draw a line. Each is one cell wide,
// so that both sets give the same layout, and none carries its meaning by colour.
type Glyphs struct {
	Here   string // the current step, the row under the cursor
	Done   string // a step that is done, a row that is marked
	Failed string
	Held   string // prepared, but not in force yet
	Left   string // skipped, or not needed
	Todo   string

	Down, Up string // the order of a column: its usual way, and turned round

	Horizontal, Vertical                       string
	TopLeft, TopRight, BottomLeft, BottomRight string
	Bar, BarRest                               string
	Steps                                      [9]string // eighths of a bar's height, from nothing to full
}

// LineGlyphs are in code page 437, the repertoire that the Windows console's fonts share.
func LineGlyphs() Glyphs {
	return Glyphs{
		Here: "►", Done: "√", Failed: "!", Held: "~", Left: "-", Todo: " ",
		Down: "▼", Up: "▲",
		Horizontal: "─", Vertical: "│",
		TopLeft: "┌", TopRight: "┐", BottomLeft: "└", BottomRight: "┘",
		Bar: "█", BarRest: "░",
		Steps: [9]string{" ", "░", "░", "▒", "▒", "▓", "▓", "█", "█"},
	}
}

// ASCIIGlyphs are for consoles where line drawing is two cells wide (code pages 932,
// 936, 949, 950), for fonts without it, and for those who ask for it.
func ASCIIGlyphs() Glyphs {
	return Glyphs{
		Here: ">", Done: "x", Failed: "!", Held: "~", Left: "-", Todo: " ",
		Down: "v", Up: "^",
		Horizontal: "-", Vertical: "|",
		TopLeft: "+", TopRight: "+", BottomLeft: "+", BottomRight: "+",
		Bar: "#", BarRest: ".",
		Steps: [9]string{" ", ".", ".", ":", ":", "+", "+", "#", "#"},
	}
}

package ui

// block is a part of a panel that can be drawn at several heights.
type block struct {
	min  int  // fewest lines that still say something
	want int  // most lines it has a use for
	drop int  // when the window is too low, blocks with the highest drop go first; 0 stays
	soft bool // it may be cut before it goes
	gap  bool // an empty line stands before it where there is room
	draw func(h int) []string
}

// fixed is a block of lines that are there or not.
func fixed(drop int, lines ...string) block {
	return block{
		min: len(lines), want: len(lines), drop: drop,
		draw: func(h int) []string { return lines[:min(h, len(lines))] },
	}
}

// gapped asks for an empty line before a block.
func gapped(b block) block {
	b.gap = true
	return b
}

// stack draws blocks below one another in exactly h lines: each gets its least, what
// does not fit is cut or goes, then the others grow in turn, then the gaps open.
func stack(h int, blocks ...block) []string {
	heights := shares(h, blocks)
	used := 0
	for _, rows := range heights {
		used += rows
	}
	lines := make([]string, 0, h)
	for i, b := range blocks {
		if heights[i] == 0 {
			continue
		}
		if b.gap && used < h {
			lines = append(lines, "")
			used++
		}
		drawn := b.draw(heights[i])
		for row := range heights[i] {
			if row < len(drawn) {
				lines = append(lines, drawn[row])
			} else {
				lines = append(lines, "")
			}
		}
	}
	for len(lines) < h {
		lines = append(lines, "")
	}
	return lines[:h]
}

// softLeast is how many lines of a text are worth showing.
const softLeast = 2

// shares gives each block its number of lines; 0 for those that have to go.
func shares(h int, blocks []block) []int {
	heights := make([]int, len(blocks))
	need := 0
	for i, b := range blocks {
		heights[i] = b.min
		need += b.min
	}
	for need > h {
		last := -1
		for i, b := range blocks {
			if heights[i] > 0 && b.drop > 0 && (last < 0 || b.drop >= blocks[last].drop) {
				last = i
			}
		}
		if last < 0 { // nothing may go: the last lines are cut
			for i := len(heights) - 1; i >= 0 && need > h; i-- {
				less := min(heights[i], need-h)
				heights[i] -= less
				need -= less
			}
			break
		}
		kept := 0
		if blocks[last].soft && heights[last]-(need-h) >= softLeast {
			kept = heights[last] - (need - h)
		}
		need -= heights[last] - kept
		heights[last] = kept
	}
	// Gaps make a panel readable; growing comes after them, where lines are left.
	room := h - need
	for i, b := range blocks {
		if b.gap && heights[i] > 0 && room > 0 {
			room--
		}
	}
	for grew := true; grew && room > 0; {
		grew = false
		for i, b := range blocks {
			if heights[i] > 0 && heights[i] < b.want && room > 0 {
				heights[i]++
				room--
				grew = true
			}
		}
	}
	return heights
}

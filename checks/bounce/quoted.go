package bounce

import (
	"io"
	"mime/quotedprintable"
	"strings"
)

// quotedPrintable decodes a text as far as it is well formed.
func quotedPrintable(s string) string {
	decoded, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(s)))
	if err != nil && len(decoded) == 0 {
		return s
	}
	return string(decoded)
}

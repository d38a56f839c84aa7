package cli

import "path/filepath"

// wayBack is the command that puts back what an incident has moved, so that it works as it is printed: with the flags
// that say where incidents are kept, and from any folder.
func (p *program) wayBack(id string) string {
	words := []string{"delist", "restore", id, "--all"}
	for _, flag := range []struct{ name, path string }{{"--incidents", p.given.incidents}, {"--config", p.given.config}} {
		if flag.path == "" {
			continue
		}
		path, err := filepath.Abs(flag.path)
		if err != nil {
			path = flag.path
		}
		words = append(words, flag.name, path)
	}
	return commandLine(words)
}

package steps

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretHidesItself(t *testing.T) {
	const password = "k7Rm-Wq4x-Pz9t"
	s := NewSecret(password)
	asJSON, err := json.Marshal(map[string]any{"password": s, "list": []Secret{s}})
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("set", "password", s)
	for name, printed := range map[string]string{
		"v": fmt.Sprintf("%v", s), "+v": fmt.Sprintf("%+v", s), "#v": fmt.Sprintf("%#v", s),
		"s": fmt.Sprintf("%s", s), "q": fmt.Sprintf("%q", s), "x": fmt.Sprintf("%x", s),
		"inside":  fmt.Sprintf("%+v", struct{ S Secret }{s}),
		"pointer": fmt.Sprintf("%v", &s),
		"error":   fmt.Errorf("set %v: %w", s, errors.New("refused")).Error(),
		"json":    string(asJSON),
		"log":     logged.String(),
	} {
		if strings.Contains(printed, "k7Rm") || strings.Contains(printed, "6b37") {
			t.Errorf("%s shows the password: %s", name, printed)
		}
	}
	if s.Reveal() != password {
		t.Errorf("Reveal() = %q", s.Reveal())
	}
}

package service

import (
	"os"
	"testing"
)

// needBed skips a test that needs a real service manager, which only its test bed gives.
func needBed(t *testing.T, env, script string) {
	t.Helper()
	if os.Getenv(env) != "1" {
		t.Skipf("needs a real service manager: run it by %s, which sets %s=1", script, env)
	}
}

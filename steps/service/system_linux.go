package service

import "context"

func systemControl(name string) (control, error) { return newSystemdUnit(name, runSystemctl), nil }

// Find returns the systemd units of this machine that are named after SmarterMail. A machine without systemd has none.
func Find(ctx context.Context) ([]Found, error) { return findUnits(ctx, runSystemctl) }

func thisMachine() machine { return machine{disk: localDisk{}} }

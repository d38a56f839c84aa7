package service

import (
	"bytes"
	"os"
	"path"
)

// controlGroupLives says whether any process is in a unit's control group. cgroup.events counts those in groups below
// too; a system that keeps units in the first version of control groups has only cgroup.procs (cgroups(7)).
func controlGroupLives(group string) bool {
	return groupLives("/sys/fs/cgroup", group)
}

func groupLives(mount, group string) bool {
	group = path.Clean("/" + group)
	if group == "/" {
		return false
	}
	for _, hierarchy := range []string{"", "unified"} {
		events, err := os.ReadFile(path.Join(mount, hierarchy, group, "cgroup.events"))
		if err == nil && bytes.Contains(events, []byte("populated 1")) {
			return true
		}
	}
	procs, err := os.ReadFile(path.Join(mount, "systemd", group, "cgroup.procs"))
	return err == nil && len(bytes.TrimSpace(procs)) > 0
}

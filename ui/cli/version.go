package cli

import "runtime/debug"

// version is the module's version, or the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 7 && (info.Main.Version == "" || info.Main.Version == "(devel)") {
			return s.Value[:7]
		}
	}
	return info.Main.Version
}

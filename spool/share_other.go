//go:build !linux && !windows

package spool

// IsNetworkShare reports whether root lies on a network share. Here it cannot be told, and unknown is not safe.
func IsNetworkShare(string) (bool, string) {
	return true, "this system cannot be asked for network shares"
}

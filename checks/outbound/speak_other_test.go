//go:build !linux

package outbound

func speakApart() {}

// Package resolver finds the DNS servers to ask, asks them, and judges whether
// their answers about blocklists can be believed.
package resolver

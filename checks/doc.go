// Package checks holds the eyes of delist: what the blocklists say of an
// address, what a bounce says, and whom to ask. Its subpackages look and
// report; they change nothing.
package checks

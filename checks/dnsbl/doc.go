// Package dnsbl asks DNS blocklists about addresses (RFC 5782) and says what
// their answers mean. Each list has to pass its self-test first, and an answer
// that proves nothing is never taken for good or bad news.
package dnsbl

// Package identity answers who the world sees when this server sends, and
// whether a blocklist would accept its request for removal: the addresses that
// mail leaves from, their PTR records and whether those are forward-confirmed
// (FCrDNS), the HELO name, and SPF and DMARC of the busiest sender domains. It
// asks DNS and looks at this machine; it changes nothing.
package identity

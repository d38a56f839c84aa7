// Package identity answers who the world sees when this server sends, and
// whether a blocklist would accept its request for removal: the addresses that
// mail leaves from, their PTR records and whether those are forward-confirmed
// (FCrDNS), the HELO name, SPF and DMARC of the busiest sender domains, and of
// one domain that is asked for its MX records too. It
// asks DNS and looks at this machine; it changes nothing.
package identity

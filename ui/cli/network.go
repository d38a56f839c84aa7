package cli

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"delist/checks/dnsbl"
)

// parseNetworks reads addresses and networks, such as 203.0.113.0/24, and gives every address in them once.
func parseNetworks(texts []string, where string) ([]netip.Addr, error) {
	var ips []netip.Addr
	for _, text := range texts {
		some, err := addressesOf(strings.TrimSpace(text), where)
		if err != nil {
			return nil, err
		}
		for _, ip := range some {
			if !slices.Contains(ips, ip) {
				ips = append(ips, ip)
			}
		}
		if len(ips) > dnsbl.MaxAddresses {
			return nil, usage("these are more than the %d addresses that can be checked at a time; give them in several commands", dnsbl.MaxAddresses)
		}
	}
	return ips, nil
}

// addressesOf gives the addresses of one argument.
func addressesOf(text, where string) ([]netip.Addr, error) {
	if !strings.Contains(text, "/") {
		return parseAddresses([]string{text}, where)
	}
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return nil, usage("%s: %q is not a network; give one such as 203.0.113.0/24", where, text)
	}
	if hosts := network.Addr().BitLen() - network.Bits(); hosts > 8 {
		largest := network.Addr().BitLen() - 8
		return nil, usage("%s: %s is too large: the lists ask to be asked slowly, so at most a /%d (%d addresses) is checked at a time; give the part that sends mail", where, network, largest, dnsbl.MaxAddresses)
	}
	var ips []netip.Addr
	for ip := network.Masked().Addr(); ip.IsValid() && network.Contains(ip); ip = ip.Next() {
		ips = append(ips, ip.Unmap())
	}
	return ips, nil
}

// many is how many addresses are shown one by one; of more, only what is not clear is.
const many = 3

// network shows many addresses: each listing, once which lists were silent, and once what to do at each list.
func (v checkView) network(l lines) {
	var rows [][]string
	var firsts []dnsbl.Result // of each list and way off it, the first listing
	for _, c := range v.addresses {
		for _, r := range c.results {
			if r.Verdict != dnsbl.Listed {
				continue
			}
			rows = append(rows, append([]string{c.name}, listedRow(r)...))
			if !slices.ContainsFunc(firsts, func(f dnsbl.Result) bool {
				return f.List == r.List && slices.Equal(f.Removals(), r.Removals())
			}) {
				firsts = append(firsts, r)
			}
		}
	}
	l.table(rows)
	if silent := silences(v.addresses); len(silent) > 0 {
		if len(rows) > 0 {
			l.put("")
		}
		l.put("Lists that gave no answer, and for how many addresses:")
		rows = nil
		for _, s := range silent {
			rows = append(rows, append([]string{strconv.Itoa(s.about)}, s.row()...))
		}
		l.table(rows)
	}
	for _, r := range firsts {
		whatToDo(l, r)
	}
	l.put("")
}

// networkVerdict says how many addresses stand, and how.
func (v checkView) networkVerdict() string {
	byVerdict := make(map[dnsbl.AddressVerdict]int)
	for _, c := range v.addresses {
		byVerdict[c.verdict]++
	}
	return fmt.Sprintf("%d addresses: %d listed, %d not known to be clear, %d clear.", len(v.addresses),
		byVerdict[dnsbl.AddressListed], byVerdict[dnsbl.AddressUnknown], byVerdict[dnsbl.AddressClear])
}

package cli

import (
	"fmt"
	"io"
	"net/netip"
	"slices"
	"strings"
	"text/tabwriter"

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

// network shows many addresses: how they stand, each listing, then once what to do at each list and which lists were silent.
func (v checkView) network(w io.Writer) {
	byVerdict := make(map[dnsbl.AddressVerdict]int)
	for _, a := range v.report.Addresses {
		byVerdict[a.Verdict]++
	}
	fmt.Fprintf(w, "%d addresses: %d listed, %d not known to be clear, %d clear.\n", len(v.report.Addresses),
		byVerdict[dnsbl.AddressListed], byVerdict[dnsbl.AddressUnknown], byVerdict[dnsbl.AddressClear])
	var firsts []dnsbl.Result // of each list and way off it, the first listing
	for _, a := range v.report.Addresses {
		table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, r := range a.Results {
			if r.Verdict != dnsbl.Listed {
				continue
			}
			fmt.Fprintf(table, "  %s", a.IP)
			listedRow(table, r)
			if !slices.ContainsFunc(firsts, func(f dnsbl.Result) bool {
				return f.List == r.List && slices.Equal(f.Removals(), r.Removals())
			}) {
				firsts = append(firsts, r)
			}
		}
		table.Flush()
	}
	v.silent(w)
	for _, r := range firsts {
		v.whatToDo(w, r)
	}
}

// silent shows each list that said nothing once, with how many addresses that is about.
func (v checkView) silent(w io.Writer) {
	type answer struct {
		list *dnsbl.List
		note string
	}
	var order []dnsbl.Result
	about := make(map[answer]int)
	for _, a := range v.report.Addresses {
		for _, r := range a.Results {
			if r.Verdict != dnsbl.Refused && r.Verdict != dnsbl.Unusable {
				continue
			}
			key := answer{r.List, r.Note}
			if about[key] == 0 {
				order = append(order, r)
			}
			about[key]++
		}
	}
	if len(order) == 0 {
		return
	}
	fmt.Fprintln(w, "\nLists that gave no answer, and for how many addresses:")
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range order {
		fmt.Fprintf(table, "  %d", about[answer{r.List, r.Note}])
		silentRow(table, r)
	}
	table.Flush()
}

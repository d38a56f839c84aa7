package traffic

import (
	"cmp"
	"slices"
)

// counts are numbers by slot of time (an hour, a second), the oldest first; slots without any are left out.
type counts []count

type count struct {
	slot int64
	n    int
}

// add counts one more, and keeps at most so many slots. Lines come nearly in order, so the search begins at the end.
func (c counts) add(slot int64, most int) counts {
	i := len(c)
	for i > 0 && c[i-1].slot > slot {
		i--
	}
	if i > 0 && c[i-1].slot == slot {
		c[i-1].n++
		return c
	}
	if i == 0 && len(c) >= most {
		return c // older than all that is kept
	}
	c = slices.Insert(c, i, count{slot, 1})
	if len(c) > most {
		c = slices.Delete(c, 0, len(c)-most)
	}
	return c
}

// plus are both together.
func (c counts) plus(other counts) counts {
	if len(other) == 0 {
		return c
	}
	all := slices.Concat(c, other)
	slices.SortFunc(all, func(a, b count) int { return cmp.Compare(a.slot, b.slot) })
	sum := all[:1]
	for _, k := range all[1:] {
		if last := &sum[len(sum)-1]; last.slot == k.slot {
			last.n += k.n
			continue
		}
		sum = append(sum, k)
	}
	return sum
}

// between are the counts of the slots from..to, the last one not included.
func (c counts) between(from, to int64) counts {
	at := func(slot int64) int {
		i, _ := slices.BinarySearchFunc(c, slot, func(k count, s int64) int { return cmp.Compare(k.slot, s) })
		return i
	}
	first, last := at(from), at(to)
	if first >= last {
		return nil
	}
	return c[first:last]
}

// sum is all of them together.
func (c counts) sum() int {
	n := 0
	for _, k := range c {
		n += k.n
	}
	return n
}

// largest is the slot with the most, the newest of several.
func (c counts) largest() count {
	var top count
	for _, k := range c {
		if k.n >= top.n {
			top = k
		}
	}
	return top
}

// median is the number in the middle, that of the two in the middle's mean; 0 of none.
func (c counts) median() float64 {
	if len(c) == 0 {
		return 0
	}
	all := make([]int, len(c))
	for i, k := range c {
		all[i] = k.n
	}
	slices.Sort(all)
	mid := len(all) / 2
	if len(all)%2 == 1 {
		return float64(all[mid])
	}
	return float64(all[mid-1]+all[mid]) / 2
}

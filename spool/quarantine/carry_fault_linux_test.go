package quarantine

import (
	"errors"
	"testing"
)

// Whatever call fails on the way to another volume or back, or the process is killed there: nothing is lost, nothing
// counts twice, after Recover each message is whole on the side that the manifest says, and the same act goes on.
func TestEveryCallFailingAcrossVolumes(t *testing.T) {
	other := mounted(t, "")
	for _, f := range faults {
		upTo(t, f, func(t *testing.T, f *fault) {
			b := newBenchAcross(t, other, 3, 2)
			s := b.faulty(f)
			s.Move(t.Context(), b.plan, stopped, nil)
			b.wantNotTwice()
			s = b.recovered(s)
			b.wantWhole(s)
			if out := b.move(s); out.Moved+out.Already != 3 || b.wantWhole(s) != 3 {
				t.Fatalf("the second try: %+v", out)
			}
			s.Close()
		})
	}
}

func TestEveryCallFailingInARestoreAcrossVolumes(t *testing.T) {
	other := mounted(t, "")
	for _, f := range faults {
		upTo(t, f, func(t *testing.T, f *fault) {
			b := newBenchAcross(t, other, 3, 2)
			s := b.store()
			b.move(s)
			s.Close()
			s = b.faulty(f)
			s.Restore(t.Context(), b.ids, stopped, nil)
			b.wantNotTwice()
			s = b.recovered(s)
			b.wantWhole(s)
			b.restore(s)
			if held := b.wantWhole(s); held != 0 {
				t.Fatalf("%d are still in quarantine", held)
			}
			s.Close()
		})
	}
}

// The first run dies in every stride of a crossing (two renames are the probes), and the Recover after it meets any fault.
func TestEveryCallFailingInARecoverAcrossVolumes(t *testing.T) {
	other := mounted(t, "")
	for _, restore := range []bool{false, true} {
		for died := 3; died < 8; died++ {
			for _, f := range faults {
				f.every += 4
				upTo(t, f, func(t *testing.T, f *fault) {
					b := newBenchAcross(t, other, 3, 2)
					if restore {
						s := b.store()
						b.move(s)
						s.Close()
					}
					s := b.faulty(&fault{nthRename: died, err: errors.New("killed"), dead: true})
					if restore {
						s.Restore(t.Context(), b.ids, stopped, nil)
					} else {
						s.Move(t.Context(), b.plan, stopped, nil)
					}
					s.Close()
					s = b.faulty(f)
					s.Recover(t.Context())
					b.wantNotTwice()
					b.wantWhole(b.recovered(s))
				})
			}
		}
	}
}

// The same between two volumes, for an eighth of the kills: at any instant nothing is lost and nothing counts twice.
func TestKilledAcrossVolumes(t *testing.T) {
	n, messages := 10, 200
	if testing.Short() {
		n = 3
	}
	if k := kills(0); k > 0 {
		n, messages = max(n, k/8), 500
	}
	b := newBenchAcross(t, mounted(t, ""), messages, 3)
	b.surviveKills(n, b.wantNotTwice)
}

package ui

import "delist/steps/incident"

// Keys are all keys that act now, with what they do.
func (m *Model) Keys() map[string][]string {
	keys := map[string][]string{}
	for _, b := range m.binds() {
		for _, k := range b.Keys() {
			keys[k] = append(keys[k], b.Help().Desc)
		}
	}
	return keys
}

// Show goes to a step.
func (m *Model) Show(step incident.Step) { m.step = step }

// End is the system's wish that the program ends.
var End = endMsg{}

// InEveryWindow is for the tests that drive the whole model.
var InEveryWindow = inEveryWindow

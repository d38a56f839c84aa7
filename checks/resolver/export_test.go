package resolver

// WitnessNames are the names that a preflight asks lists for.
func WitnessNames() (names []string) {
	for _, w := range witnesses {
		names = append(names, w.name)
	}
	return names
}

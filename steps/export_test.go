package steps

// Searches is how many searches the operator asked for.
func (r *Runbook) Searches() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.searches
}

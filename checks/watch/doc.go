// Package watch looks at blocklists again and again, at each on its own
// schedule, and tells what changed since. What it knows outlives the process.
package watch

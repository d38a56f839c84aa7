// Package traffic reads SmarterMail's logs and says of each account what it sends, from where, how much of it is usual,
// and who logged in. It reads what was appended since the last look only, and changes nothing.
//
// What the lines look like is known from few builds (facts: one source, or inferred). Whatever does not fit is counted and
// passed by: a log of another layout gives no traffic, never a wrong one, and the report says of which files that is so.
// Most lines carry no date and no zone: then the day is the file's name, the time is taken to be this server's own.
package traffic

// Package traffic reads SmarterMail's logs and says of each account what it sends, from where, how much of it is usual,
// and who logged in. It reads what was appended since the last look only, and changes nothing.
//
// What the lines look like is known from few builds (facts: one source, or inferred). Whatever does not fit is passed by:
// a log of another layout gives no traffic, never a wrong one. Lines carry no date and no zone: the day is the file's
// name, the time is taken to be this server's own.
package traffic

package traffic

import "bytes"

// deliveryLine is a line of the delivery log: "time [delivery] text". Lines without a time go on with the one before;
// nothing of what is looked for stands there. Some builds have more in brackets.
type deliveryLine struct {
	stamp
	id   []byte
	text []byte
}

func parseDelivery(b []byte) (l deliveryLine, ok bool) {
	var h head
	if !h.cut(b) {
		return deliveryLine{}, false
	}
	l = deliveryLine{stamp: h.stamp, id: h.groups[0], text: h.text}
	for i := range h.n {
		if isID(h.groups[i]) {
			l.id = h.groups[i]
			break
		}
	}
	return l, true
}

// isID says that what stands in brackets can name a delivery or a session: digits, perhaps letters and hyphens.
func isID(group []byte) bool {
	digits := 0
	for _, c := range group {
		switch {
		case isDigit(c):
			digits++
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c == '-':
		default:
			return false
		}
	}
	return digits > 0 && len(group) <= maxBase
}

var (
	saysStarted   = []byte("Delivery started for ")
	saysDelivered = []byte("Delivery for ")
	saysFinished  = []byte("Delivery finished for ")
	saysLocal     = []byte("Starting local delivery to ")
)

// sender is whom the delivery is for: the envelope sender, which a client chooses freely. "" on any other line, and for
// a bounce.
func (l deliveryLine) sender() string {
	for _, says := range [][]byte{saysStarted, saysDelivered, saysFinished} {
		if name, ok := bytes.CutPrefix(l.text, says); ok {
			return accountName(name)
		}
	}
	return ""
}

var saysID = []byte("[id:")

// message is the name of the spool file that a delivery was of, which the line that closes it has; "" on any other line.
func (l deliveryLine) message() string {
	_, name, ok := bytes.Cut(l.text, saysID)
	if !ok || !bytes.HasPrefix(l.text, saysFinished) {
		return ""
	}
	name, _, _ = bytes.Cut(name, []byte("]"))
	if !isID(name) || joint(name) != joint(l.id) {
		return ""
	}
	return string(name)
}

// local is the account of this server that the message goes to, "" on any other line.
func (l deliveryLine) local() string {
	name, ok := bytes.CutPrefix(l.text, saysLocal)
	if !ok {
		return ""
	}
	return accountName(name)
}

// joint packs what the delivery log has of a spool file's name, its last 8 bytes (known from one source only):
// "422405313454" is "[05313454]" there, "422405313455-1" is "[313455-1]".
func joint[T string | []byte](name T) uint64 {
	name = name[max(0, len(name)-8):]
	var packed uint64
	for i := range len(name) {
		packed = packed<<8 | uint64(name[i])
	}
	return packed
}

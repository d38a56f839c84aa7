package traffic

import "bytes"

// deliveryLine is a line of the delivery log: "time [delivery] text". Lines without a time go on with the one before;
// nothing of what is looked for stands there.
type deliveryLine struct {
	stamp
	id   []byte
	text []byte
}

func parseDelivery(b []byte) (l deliveryLine, ok bool) {
	if l.stamp, b, ok = cutStamp(b); !ok {
		return deliveryLine{}, false
	}
	if l.id, b, ok = cutBracket(b); !ok {
		return deliveryLine{}, false
	}
	l.text, ok = cutText(b)
	return l, ok
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

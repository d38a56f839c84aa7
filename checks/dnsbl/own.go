package dnsbl

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// maxOwn bounds an operator's own file, in bytes.
const maxOwn = 1 << 20

// ownFile is a server operator's own file of lists. A list in it stays
// undecoded until it is known which one of the catalogue it changes.
type ownFile struct {
	Lists     []toml.Primitive    `toml:"list"`
	Operators map[string]Operator `toml:"operator"`
	Dead      []Dead              `toml:"dead"`
	Keys      map[string]Key      `toml:"keys"` // by operator
}

// DefaultWith gives the catalogue that delist comes with, and an operator's own
// file laid over it.
func DefaultWith(own io.Reader) (*Catalogue, error) {
	return LoadWith(strings.NewReader(embedded), own)
}

// LoadWith reads a catalogue, and lays an operator's own file over it: the same
// TOML, in which a [[list]] with a known id changes only the keys it gives (its
// codes as a whole) or, with disabled = true, takes the list out, and in which [keys] holds customers' keys by operator. What comes of it has to
// hold as the catalogue has to; errors name the list and the key, and the line
// where the TOML itself is wrong, but never a customer's key.
func LoadWith(r, own io.Reader) (*Catalogue, error) {
	c, err := Load(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(own, maxOwn+1))
	if err != nil {
		return nil, fmt.Errorf("read the lists: %w", err)
	}
	if len(text) > maxOwn {
		return nil, errors.New("more than 1 MB, which no file of lists is; name another file")
	}
	if err := c.lay(string(text)); err != nil {
		return nil, err
	}
	return c, nil
}

// Keys gives the customers' keys by list ID, as Options wants them.
func (c *Catalogue) Keys() map[string]Key {
	keys := make(map[string]Key)
	for i := range c.Lists {
		if l := &c.Lists[i]; l.Keyed != "" && c.CustomerKeys[l.Operator] != "" {
			keys[l.ID] = c.CustomerKeys[l.Operator]
		}
	}
	return keys
}

// Askable gives the blocklists that can be asked: in public, or with the customer's key.
func (c *Catalogue) Askable() []*List {
	keys := c.Keys()
	return slices.DeleteFunc(c.Blocklists(), func(l *List) bool {
		_, ok := l.zone(keys[l.ID])
		return !ok
	})
}

// lay changes the catalogue as a file says.
func (c *Catalogue) lay(text string) error {
	var file ownFile
	meta, err := toml.Decode(text, &file)
	if err != nil {
		return withLine(err)
	}
	var given struct { // the same lists again: which keys each of them gives
		Lists []map[string]any `toml:"list"`
	}
	if _, err := toml.Decode(text, &given); err != nil {
		return withLine(err)
	}
	seen := make(map[string]bool)
	for i, list := range file.Lists {
		id, _ := given.Lists[i]["id"].(string)
		if id == "" {
			return fmt.Errorf("list number %d has no id", i+1)
		}
		if seen[id] {
			return fmt.Errorf("list %q stands there twice", id)
		}
		seen[id] = true
		if err := c.layList(&meta, list, id, given.Lists[i]); err != nil {
			return fmt.Errorf("list %q: %w", id, err)
		}
	}
	for _, key := range meta.Undecoded() {
		return unknownKey(key, given.Lists)
	}
	maps.Copy(c.Operators, file.Operators)
	c.Dead = append(c.Dead, file.Dead...)
	if err := c.layKeys(file.Keys); err != nil {
		return err
	}
	return c.validate()
}

// layList changes, takes out or adds one list.
func (c *Catalogue) layList(meta *toml.MetaData, list toml.Primitive, id string, given map[string]any) error {
	known := c.List(id)
	var l List
	if known != nil {
		l = *known
		if _, ok := given["code"]; ok {
			l.Codes = nil // else parts of the old ones would shine through
		}
	}
	if err := meta.PrimitiveDecode(list, &l); err != nil {
		return withLine(err)
	}
	switch {
	case l.Disabled && known == nil:
		return errors.New("there is no such list to take out")
	case l.Disabled:
		c.Lists = slices.DeleteFunc(c.Lists, func(other List) bool { return other.ID == id })
	case known != nil:
		*known = l
	default:
		c.Lists = append(c.Lists, l)
	}
	return nil
}

// layKeys takes the customers' keys, each for an operator that has lists with keys.
func (c *Catalogue) layKeys(keys map[string]Key) error {
	var keyed []string
	for i := range c.Lists {
		if l := &c.Lists[i]; l.Keyed != "" && !slices.Contains(keyed, l.Operator) {
			keyed = append(keyed, l.Operator)
		}
	}
	slices.Sort(keyed)
	for _, operator := range slices.Sorted(maps.Keys(keys)) {
		if !slices.Contains(keyed, operator) {
			return fmt.Errorf("keys: no list takes a key %q; those that do: %s", operator, strings.Join(keyed, ", "))
		}
		if !keys[operator].wellFormed() {
			return fmt.Errorf("keys: that for %s cannot be right; a key is made of letters, digits and hyphens", operator)
		}
	}
	c.CustomerKeys = keys
	return nil
}

// withLine says where the TOML is wrong. The reader quotes what it stumbled
// over, which must not be a customer's key.
func withLine(err error) error {
	var parse toml.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	message := parse.Message
	if strings.HasPrefix(parse.LastKey, "keys") {
		message = "a customer's key stands between quotes, in one line"
	}
	return fmt.Errorf("line %d: %s", parse.Position.Line, message)
}

// unknownKey names a key that nothing knows, and the list it stands in.
func unknownKey(key toml.Key, lists []map[string]any) error {
	if len(key) > 1 && key[0] == "list" {
		for _, list := range lists {
			if holds(list, key[1:]) {
				return fmt.Errorf("list %q: unknown key %q", list["id"], key[1:].String())
			}
		}
	}
	return fmt.Errorf("unknown key %q", key.String())
}

// holds reports that a table has a key, however deep.
func holds(value any, key toml.Key) bool {
	if len(key) == 0 {
		return true
	}
	switch v := value.(type) {
	case map[string]any:
		inner, ok := v[key[0]]
		return ok && holds(inner, key[1:])
	case []map[string]any:
		return slices.ContainsFunc(v, func(inner map[string]any) bool { return holds(inner, key) })
	}
	return false
}

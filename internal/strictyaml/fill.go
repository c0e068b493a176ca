package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Limits that keep the paths of values short.
const (
	maxDepth = 32  // how deep values may stand in one another
	maxKey   = 200 // bytes of a key
)

// fill puts the value of n into v, noting every mistake and where each value stands.
func (d *Document) fill(n *yaml.Node, v reflect.Value, path string, depth int) {
	d.places[path] = place{d.name, n.Line}
	switch {
	case !d.plain(n, path, depth):
	case n.Kind == yaml.ScalarNode:
		d.scalar(n, v, path)
	case v.Kind() == reflect.Interface:
		v.Set(reflect.ValueOf(d.free(n, path, depth)))
	case n.Kind == yaml.MappingNode && v.Kind() == reflect.Struct && !isLeaf(v):
		d.fillStruct(n, v, path, depth)
	case n.Kind == yaml.MappingNode && v.Kind() == reflect.Map:
		d.fillMap(n, v, path, depth)
	case n.Kind == yaml.SequenceNode && v.Kind() == reflect.Slice:
		d.fillSlice(n, v, path, depth)
	default:
		d.add(n.Line, path, "expected %s, not %s", describe(v), kindName(n))
	}
}

// plain reports whether n is a value of the small part of YAML that is read here.
func (d *Document) plain(n *yaml.Node, path string, depth int) bool {
	switch {
	case depth > maxDepth:
		d.add(n.Line, path, "values stand in one another more than %d deep", maxDepth)
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.add(n.Line, path, "aliases and anchors (* and &) are not read: write the value out")
	case n.Style&yaml.TaggedStyle != 0:
		d.add(n.Line, path, "tags (%s) are not read: leave it out", clip(n.Tag))
	default:
		return true
	}
	return false
}

// free reads a value of free form: maps with text keys, lists and scalars. Nothing validates
// what is within, so its places are not kept.
func (d *Document) free(n *yaml.Node, path string, depth int) any {
	if !d.plain(n, path, depth) {
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		out := make(map[string]any, len(n.Content)/2)
		d.eachKey(n, path, func(key, value *yaml.Node, at string) { out[key.Value] = d.free(value, at, depth+1) })
		return out
	case yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i, c := range n.Content {
			out[i] = d.free(c, path, depth+1)
		}
		return out
	}
	var out any
	d.scalar(n, reflect.ValueOf(&out).Elem(), path)
	return out
}

func (d *Document) fillStruct(n *yaml.Node, v reflect.Value, path string, depth int) {
	fields, names := fieldsOf(v.Type())
	var meant []string
	d.eachKey(n, path, func(key, value *yaml.Node, at string) {
		i, ok := fields[key.Value]
		if !ok {
			meant = append(meant, d.unknown(key, path, names))
			return
		}
		d.fill(value, v.Field(i), at, depth+1)
		d.places[at] = place{d.name, key.Line}
	})
	for _, name := range meant { // a mistyped key's value is missing where it should be: no news
		if _, given := d.places[join(path, name)]; name != "" && !given {
			d.mark(join(path, name))
		}
	}
}

// unknown notes a key that is not known, and returns the name that was probably meant.
func (d *Document) unknown(key *yaml.Node, path string, names []string) (meant string) {
	text := "this key is not known; known are " + strings.Join(names, ", ")
	if meant = Suggest(key.Value, names); meant != "" {
		text = fmt.Sprintf("this key is not known: did you mean %q?", meant)
	}
	d.Add(Mistake{File: d.name, Line: key.Line, Path: join(path, clip(key.Value)), Text: text})
	return meant
}

func (d *Document) fillMap(n *yaml.Node, v reflect.Value, path string, depth int) {
	t := v.Type()
	out := reflect.MakeMapWithSize(t, len(n.Content)/2)
	d.eachKey(n, path, func(key, value *yaml.Node, at string) {
		held := reflect.New(t.Elem()).Elem()
		d.fill(value, held, at, depth+1)
		d.places[at] = place{d.name, key.Line}
		out.SetMapIndex(reflect.ValueOf(key.Value).Convert(t.Key()), held)
	})
	v.Set(out)
}

func (d *Document) fillSlice(n *yaml.Node, v reflect.Value, path string, depth int) {
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, c := range n.Content {
		d.fill(c, out.Index(i), fmt.Sprintf("%s[%d]", path, i), depth+1)
	}
	v.Set(out)
}

// eachKey calls do for every key of a mapping that is plain text and not written twice.
func (d *Document) eachKey(n *yaml.Node, path string, do func(key, value *yaml.Node, at string)) {
	first := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0 {
			d.add(key.Line, path, "a key here is not plain text")
			continue
		}
		if len(key.Value) > maxKey {
			d.add(key.Line, path, "a key here is longer than %d bytes", maxKey)
			continue
		}
		at := join(path, key.Value)
		if line, twice := first[key.Value]; twice {
			d.add(key.Line, at, "this key stands already on line %d", line)
			continue
		}
		first[key.Value] = key.Line
		do(key, n.Content[i+1], at)
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// fieldsOf lists the fields of a struct by the name in their yaml tags.
func fieldsOf(t reflect.Type) (index map[string]int, names []string) {
	index = map[string]int{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name == "" || name == "-" || !t.Field(i).IsExported() {
			continue
		}
		index[name] = i
		names = append(names, name)
	}
	return index, names
}

// isLeaf reports whether v, a struct, is written as one scalar.
func isLeaf(v reflect.Value) bool {
	_, text := reflect.TypeAssert[encoding.TextUnmarshaler](v.Addr())
	return text || v.Type() == reflect.TypeFor[time.Time]()
}

// describe says what a person should write for a value of v's type.
func describe(v reflect.Value) string {
	switch {
	case v.Kind() == reflect.Slice:
		return "a list"
	case v.Kind() == reflect.Map, v.Kind() == reflect.Struct && !isLeaf(v):
		return "keys and values"
	}
	return "a single value"
}

func kindName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "keys and values"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a single value"
}

package strictyaml

import (
	"encoding"
	"math"
	"reflect"
	"time"

	"go.yaml.in/yaml/v3"
)

// scalar reads a single value into v. No value (null, ~, or nothing) leaves v as it was.
func (d *Document) scalar(n *yaml.Node, v reflect.Value, path string) {
	if n.ShortTag() == "!!null" {
		return
	}
	switch into := v.Addr().Interface().(type) {
	case *time.Time:
		t, err := time.Parse(time.RFC3339, n.Value)
		if err != nil {
			d.add(n.Line, path, "%q is not a time with its offset, like 2023-05-24T18:00:00-04:00", clip(n.Value))
		}
		*into = t
		return
	case *time.Duration:
		t, err := time.ParseDuration(n.Value)
		if err != nil {
			d.add(n.Line, path, "%q is not a duration with its unit, like 30s or 5m", clip(n.Value))
		}
		*into = t
		return
	case encoding.TextUnmarshaler:
		if err := into.UnmarshalText([]byte(n.Value)); err != nil {
			d.add(n.Line, path, "%v", err)
		}
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value) // as written: 007 stays 007
		return
	case reflect.Slice, reflect.Map, reflect.Struct:
		d.add(n.Line, path, "expected %s, not a single value", describe(v))
		return
	}
	if err := n.Decode(v.Addr().Interface()); err != nil {
		d.add(n.Line, path, "%q is not %s", clip(n.Value), want(v.Kind()))
		return
	}
	held := v
	if v.Kind() == reflect.Interface {
		held = v.Elem()
	}
	if held.CanFloat() && (math.IsNaN(held.Float()) || math.IsInf(held.Float(), 0)) {
		d.add(n.Line, path, "%q is not a finite number", n.Value)
	}
}

func want(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return "a whole number that fits"
	}
	return "a value of the right kind"
}

// clip keeps a wrong value short enough for one line of a message.
func clip(s string) string {
	const most = 60
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return string(r[:most]) + "…"
}

package app

import (
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write docs/config.example.yaml anew")

const exampleHead = `# Every setting of Outcry with its default. Take the # away from those you change, and start
# with: outcry serve --config FILE
# A variable sets them too (log.level is OUTCRY_LOG_LEVEL) and wins over the file; a flag wins
# over both. This file is made from the comments in internal/app/config.go by make generate.
`

// example writes the commented example file from the comments of Config and the defaults.
func example(t *testing.T, defaults Config) string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), "config.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	comments := map[string]string{}
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, ok := n.(*ast.TypeSpec)
		if !ok || spec.Name.Name != "Config" {
			return true
		}
		for _, f := range spec.Type.(*ast.StructType).Fields.List {
			comments[f.Names[0].Name] = f.Doc.Text()
		}
		return false
	})
	var b strings.Builder
	b.WriteString(exampleHead)
	v := reflect.ValueOf(defaults)
	for i := range v.NumField() {
		field := v.Type().Field(i)
		comment := comments[field.Name]
		if strings.TrimSpace(comment) == "" {
			t.Fatalf("Config.%s has no comment", field.Name)
		}
		b.WriteString("\n")
		for line := range strings.Lines(comment) {
			b.WriteString("# " + line)
		}
		b.WriteString("#" + field.Tag.Get("yaml") + ": " + inline(t, v.Field(i).Interface()) + "\n")
	}
	return b.String()
}

// inline writes a value on one line of YAML.
func inline(t *testing.T, value any) string {
	t.Helper()
	if s, ok := value.(Secret); ok && !s.Set() {
		return `""`
	}
	var n yaml.Node
	if err := n.Encode(value); err != nil {
		t.Fatal(err)
	}
	n.Style = yaml.FlowStyle
	if n.Kind == yaml.ScalarNode {
		n.Style = 0
	}
	out, err := yaml.Marshal(&n)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

func TestConfigExampleShowsTheDefaults(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "config.example.yaml")
	defaults := DefaultConfig()
	want := example(t, defaults)
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what config.go says: run make generate", path)
	}

	var uncommented strings.Builder // settings are commented out with a # and no space
	for line := range strings.Lines(string(got)) {
		if strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "# ") {
			line = line[1:]
		}
		uncommented.WriteString(line)
	}
	home := []string{"HOME=/home/someone"}
	plain, err := LoadConfig(ConfigSources{Environ: home})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(got), uncommented.String()} {
		c, err := LoadConfig(ConfigSources{Environ: home, File: write(t, "outcry.yaml", text)})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(c, plain) {
			t.Errorf("the example gives %+v, the defaults are %+v", c, plain)
		}
	}
}

func TestEverySettingIsListed(t *testing.T) {
	var want, got []string
	for field := range reflect.TypeFor[Config]().Fields() {
		name := field.Tag.Get("yaml")
		if name != "log" {
			want = append(want, name)
			continue
		}
		for part := range field.Type.Fields() {
			want = append(want, name+"."+part.Tag.Get("yaml"))
		}
	}
	for _, s := range settings {
		got = append(got, s.name)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("settings are %v, Config has %v", got, want)
	}
}

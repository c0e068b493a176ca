package postgres_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/postgres"
	"outcry/internal/reaction"
	"outcry/internal/testdb"
	"outcry/internal/trend"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(t.Context()) })
	return c
}

func count(t *testing.T, url, query string) int64 {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	var n int64
	if err := c.QueryRow(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// statements reads every constant of the package whose name begins with sql.
func statements(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, name := range files {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			v, ok := n.(*ast.ValueSpec)
			if !ok || !strings.HasPrefix(v.Names[0].Name, "sql") {
				return true
			}
			lit, ok := v.Values[0].(*ast.BasicLit)
			if !ok {
				t.Fatalf("%s is not one literal", v.Names[0].Name)
			}
			if out[v.Names[0].Name], err = strconv.Unquote(lit.Value); err != nil {
				t.Fatal(err)
			}
			return true
		})
	}
	return out
}

func TestEveryStatementFitsTheSchema(t *testing.T) {
	c := connect(t, testdb.New(t))
	all := statements(t)
	if len(all) < 40 {
		t.Fatalf("found only %d statements", len(all))
	}
	if _, err := c.Exec(t.Context(), all["sqlIncoming"]); err != nil {
		t.Fatal(err)
	}
	for name, q := range all {
		if name == "sqlIncoming" {
			continue // a utility statement: the line above has run it
		}
		if _, err := c.Prepare(t.Context(), name, q); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The cost of a figure must not grow with the number of posts.
func TestNoTrendQueryTouchesPosts(t *testing.T) {
	s, url := open(t)
	e := newEvent(t, s, "plans")
	appendAll(t, s, newChain("live/x/0").commit(reaction.Envelope{
		Listening: []int64{e.ID}, Posts: []reaction.Matched{post(e, "a", 0)}, Coverage: covered(0, time.Minute)}, complaint("t")))
	s.Close()

	// What the server itself counted, before and after a query of every series.
	c := connect(t, url)
	before := scans(t, c)
	s, err := postgres.Open(t.Context(), postgres.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	q := trend.Query{Event: e, From: t0, To: t0.Add(time.Hour), Step: time.Minute, Series: []trend.Name{
		trend.Posts, trend.Complaints, trend.ComplaintShare, trend.FirstHand, trend.Recovery, trend.Authors, "tag:t", "symptom:audio",
		trend.Health, trend.Latency, trend.Audience}}
	if _, err := s.Trend(t.Context(), q); err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := s.Window(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if after := scans(t, c); after != before {
		t.Errorf("figures read posts: %d scans before, %d after", before, after)
	}

	for name, sql := range statements(t) {
		if !strings.HasPrefix(name, "sqlTrend") && name != "sqlCoverage" && name != "sqlListened" && name != "sqlExtent" && name != "sqlFeedClocks" {
			continue
		}
		if _, err := c.Exec(t.Context(), "SET plan_cache_mode = force_generic_plan"); err != nil {
			t.Fatal(err)
		}
		d, err := c.Prepare(t.Context(), name, sql)
		if err != nil {
			t.Fatal(err)
		}
		args := strings.TrimSuffix(strings.Repeat("NULL,", len(d.ParamOIDs)), ",")
		rows, err := c.Query(t.Context(), "EXPLAIN (VERBOSE) EXECUTE \""+name+"\" ("+args+")")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(plan, "\n"); strings.Contains(text, "public.posts") {
			t.Errorf("%s reads posts:\n%s", name, text)
		}
	}
}

// scans is how often the posts of all events have been scanned, by any index or none. A session
// reports what it read when it ends, so the others must have ended.
func scans(t *testing.T, c *pgx.Conn) (n int64) {
	t.Helper()
	for others := 1; others > 0; {
		if err := c.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&others); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.QueryRow(t.Context(), `SELECT COALESCE(sum(seq_scan + COALESCE(idx_scan, 0)), 0)::bigint FROM pg_stat_user_tables
		WHERE relname LIKE 'posts%'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestMigrateRefusesANewerSchema(t *testing.T) {
	url := testdb.New(t)
	c := connect(t, url)
	if _, err := c.Exec(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, true)"); err != nil {
		t.Fatal(err)
	}
	err := postgres.Migrate(t.Context(), url)
	if err == nil || !strings.Contains(err.Error(), "newer than") {
		t.Errorf("a newer schema gives %v", err)
	}
}

package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"outcry/internal/reaction"
)

const sqlServiceCounts = `SELECT split_part(label, ':', 1) = 'complaint', substr(label, strpos(label, ':') + 1), sum(net)::bigint
	FROM rollups WHERE event_id = $1 AND label = ANY($2) AND bucket >= $3 AND bucket < $4 GROUP BY 1, 2`

// ServiceCounts counts, for every service that the event follows, the posts in [from, to) that name it,
// and the complaints about it. Posts deleted since are left out. They are listed as the event's
// ServiceNames are.
func (s *Store) ServiceCounts(ctx context.Context, e *reaction.Event, from, to time.Time) ([]reaction.ServiceCount, error) {
	names := e.ServiceNames()
	out, index := make([]reaction.ServiceCount, len(names)), map[string]int{}
	labels := make([]string, 0, 2*len(names))
	for i, n := range names {
		out[i].Service, index[n] = n, i
		labels = append(labels, reaction.ServicePrefix+n, reaction.ComplaintPrefix+n)
	}
	rows, err := s.pool.Query(ctx, sqlServiceCounts, e.ID, labels, from, to)
	if err != nil {
		return nil, away(err)
	}
	var complaints bool
	var name string
	var n int64
	_, err = pgx.ForEachRow(rows, []any{&complaints, &name, &n}, func() error {
		if c := &out[index[name]]; complaints {
			c.Complaints = n
		} else {
			c.Posts = n
		}
		return nil
	})
	return out, away(err)
}

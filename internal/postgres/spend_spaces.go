package postgres

import "context"

const sqlForgetAudience = `DELETE FROM samples WHERE event_id = 0 AND service = $1 AND right(vantage, length($2) + 1) = '/' || $2`

// ForgetAudience removes what a probe, from whatever node, has measured of a real service: X's terms
// ask for it once a Space is gone.
func (s *Store) ForgetAudience(ctx context.Context, service, probe string) error {
	_, err := s.pool.Exec(ctx, sqlForgetAudience, service, probe)
	return away(err)
}

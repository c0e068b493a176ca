-- +goose Up

-- The sources that a key may speak for where it pushes. None, which every key has that was made
-- before: those that no collector of ours owns.
ALTER TABLE api_keys ADD COLUMN sources text[] NOT NULL DEFAULT '{}';

-- Who was forgotten was noted by an unkeyed digest, which anybody who reads the log can confirm by
-- guessing at names. That it was done, when and by whom stays.
UPDATE audit SET target = regexp_replace(target, 'sha256:[0-9a-f]+$', '(digest removed)')
    WHERE action = 'posts.forget' AND target ~ 'sha256:[0-9a-f]+$';

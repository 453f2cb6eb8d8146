-- Takes a piece of recurring work for this worker, if it is due, and says when it is due again.
-- Writes job.

INSERT INTO job AS j (id, name, due_at) VALUES ($1, $2, $4)
ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at WHERE j.due_at <= $3 RETURNING id;

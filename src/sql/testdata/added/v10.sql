INSERT INTO alert_events (id, alert_id, action, at, actor, comment, before_state, after_state)
    SELECT '0190163d-8694-739b-aea5-00000000a010', id, 'acknowledged', '2026-01-10T00:00:00.000000000Z', 'ann@example.com',
        'Fan ordered.', '{"status":"open"}', '{"status":"acknowledged"}' FROM alerts ORDER BY id LIMIT 1;

export const kExamples: readonly { label: string; sql: string }[] = [
  {
    label: 'Readings of each device today',
    sql: `SELECT d.name, count(*) AS readings, max(t.time) AS newest
FROM telemetry t
JOIN devices d USING (device_id)
WHERE t.time >= today()
GROUP BY d.name
ORDER BY readings DESC`,
  },
  {
    label: 'Energy of each day',
    sql: `SELECT device_id, date_trunc('day', time) AS day,
       sum(power * seconds) / 3.6e6 AS kwh
FROM (
  SELECT *, epoch(time - lag(time) OVER (PARTITION BY device_id ORDER BY time)) AS seconds
  FROM telemetry
  WHERE time > now() - INTERVAL 7 DAY
)
WHERE seconds < 3600
GROUP BY ALL
ORDER BY ALL`,
  },
  {
    label: 'The hottest five minutes of each device today',
    sql: `SELECT device_id, time_bucket(INTERVAL 5 MINUTE, time) AS slot,
       avg(temperature) AS mean_temperature
FROM telemetry
WHERE time >= today()
GROUP BY device_id, slot
QUALIFY row_number() OVER (PARTITION BY device_id ORDER BY mean_temperature DESC) = 1`,
  },
  {
    label: 'Alerts of the last week by rule',
    sql: `SELECT rule_name, severity, count(*) AS alerts, max(worst_value) AS worst
FROM alerts
WHERE created_at > now() - INTERVAL 7 DAY
GROUP BY ALL
ORDER BY alerts DESC`,
  },
];

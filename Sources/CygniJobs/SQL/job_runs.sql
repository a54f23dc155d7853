-- name: hold_fence
SELECT fence FROM cygni.job_fences WHERE job = $1 FOR SHARE

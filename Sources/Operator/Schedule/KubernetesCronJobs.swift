import CygniModel

/// The schedules as Kubernetes CronJobs (batch/v1), one YAML document each.
enum KubernetesCronJobs {
    static func render(_ jobs: [ScheduledJob], on target: ScheduleTarget) -> String {
        let heading = """
            # Written by `cygni schedule render --format kubernetes`. The shared settings and jobs/ come from ConfigMap cygni, what they name by
            # {env: NAME} from Secret cygni.

            """
        return heading + jobs.map { document($0, target) }.joined(separator: "---\n")
    }

    private static func document(_ job: ScheduledJob, _ target: ScheduleTarget) -> String {
        """
        apiVersion: batch/v1
        kind: CronJob
        metadata:
          name: \(job.unit)
          labels: {app.kubernetes.io/name: \(job.unit), app.kubernetes.io/part-of: cygni}
        spec:
          schedule: "\(job.schedule.text)"
          timeZone: "\(job.zone)"
          # The job locks for itself, over clusters too; this spares a pod that would end with 75.
          concurrencyPolicy: Forbid
          # A controller that was away for longer starts the newest missed run at most.
          startingDeadlineSeconds: \(min(seconds(job.schedule.longestGap), 3600))
          successfulJobsHistoryLimit: 3
          failedJobsHistoryLimit: 3
          jobTemplate:
            spec:
              # The job tries again by itself, and its next run starts over from facts.
              backoffLimit: 0
              activeDeadlineSeconds: \(seconds(job.timeout + job.grace + .minutes(1)))
              ttlSecondsAfterFinished: 86400
              template:
                metadata:
                  labels: {app.kubernetes.io/name: \(job.unit), app.kubernetes.io/part-of: cygni}
                spec:
                  restartPolicy: Never
                  terminationGracePeriodSeconds: \(seconds(job.grace + .seconds(10)))
                  automountServiceAccountToken: false
                  securityContext:
                    runAsNonRoot: true
                    runAsUser: 65532
                    seccompProfile: {type: RuntimeDefault}
                  containers:
                    - name: \(job.unit)
                      image: "\(target.image)"
                      command: [\(command(job, target))]
                      env: [{name: CYGNI_CONFIG, value: /etc/cygni/cygni.yaml}]
                      envFrom: [{secretRef: {name: cygni}}]
                      resources:
                        requests: {cpu: 50m, memory: 64Mi}
                        limits: {memory: 512Mi}
                      securityContext:
                        allowPrivilegeEscalation: false
                        readOnlyRootFilesystem: true
                        capabilities: {drop: [ALL]}
                      volumeMounts:
                        - {name: settings, mountPath: /etc/cygni, readOnly: true}
                        - {name: scratch, mountPath: /tmp}
                  volumes:
                    - name: settings
                      configMap:
                        name: cygni
                        items:
                          - {key: cygni.yaml, path: cygni.yaml}
                          - {key: \(job.name).yaml, path: jobs/\(job.name).yaml}
                    - {name: scratch, emptyDir: {}}

        """
    }

    private static func command(_ job: ScheduledJob, _ target: ScheduleTarget) -> String {
        (["\(target.bin)/\(job.words[0])"] + job.words.dropFirst() + ["--trigger", "kubernetes"]).map { "\"\($0)\"" }
            .joined(separator: ", ")
    }

    private static func seconds(_ duration: Duration) -> Int64 {
        duration.microseconds / 1_000_000
    }
}

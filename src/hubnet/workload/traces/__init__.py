"""Real job traces as a workload: files in, blocks of jobs out.

lines, cells, sources    a file's rows, in batches of arrays
swf, swftext, swfsource  the Standard Workload Format
columns, known           which column means what
trace, checks, report    the `Trace`, and the account of every row that was read
transform                time, work, cuts, samples, repeats
homes, play              sites become regions, rows become blocks
wiring                   what a scenario says of a trace becomes its jobs
typical                  the jobs in the mean, for estimates before a run
export                   the jobs of a run as Standard Workload Format
"""

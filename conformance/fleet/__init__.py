"""Many clusters, judged on the processes of a Dask cluster."""

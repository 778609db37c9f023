"""The cluster as Django sees a database that others made."""

from django.db import models


class ActiveManager(models.Manager):
    """For pages that offer only what can be used."""

    def get_queryset(self):
        return super().get_queryset().filter(enabled=True)


class Provider(models.Model):
    name = models.TextField(unique=True)
    type = models.TextField()
    category = models.TextField()
    enabled = models.BooleanField()
    description = models.TextField(null=True)
    configuration = models.JSONField()
    create_time = models.BigIntegerField()
    update_time = models.BigIntegerField()
    created_by = models.TextField()
    updated_by = models.TextField()

    class Meta:
        app_label = "listing"
        managed = False
        db_table = "provider"


class Model(models.Model):
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="models")
    api = models.TextField()
    enabled = models.BooleanField()

    class Meta:
        app_label = "listing"
        managed = False
        db_table = "model"


class Tag(models.Model):
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="tags")
    key = models.TextField()
    value = models.TextField()

    class Meta:
        app_label = "listing"
        managed = False
        db_table = "tag"

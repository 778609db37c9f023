"""What is shown of a provider."""

from rest_framework import serializers

from listing.models import Provider, Tag


class TagSerializer(serializers.ModelSerializer):
    class Meta:
        model = Tag
        fields = ["key", "value"]


class ProviderSerializer(serializers.ModelSerializer):
    tags = TagSerializer(many=True)
    createTime = serializers.IntegerField(source="create_time")
    updateTime = serializers.IntegerField(source="update_time")
    createdBy = serializers.CharField(source="created_by")
    updatedBy = serializers.CharField(source="updated_by")
    modelsCount = serializers.IntegerField(source="models_count")

    class Meta:
        model = Provider
        fields = [
            "name",
            "type",
            "category",
            "description",
            "configuration",
            "enabled",
            "tags",
            "createTime",
            "updateTime",
            "createdBy",
            "updatedBy",
            "modelsCount",
        ]

    def to_representation(self, instance):
        shown = super().to_representation(instance)
        return {name: value for name, value in shown.items() if value is not None}


class FilterSerializer(serializers.Serializer):
    category = serializers.CharField(required=False)
    activeOnly = serializers.BooleanField(default=True)
